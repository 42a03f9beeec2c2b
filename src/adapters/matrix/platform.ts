import type { Platform } from '../platform.ts';
import { decoded, matrixAddress } from './address.ts';
import { server, user } from './ids.ts';
import { type MatrixSettings, matrixSettings } from './settings.ts';
import { matrixSetup } from './setup.ts';
import { matrixTools } from './tools.ts';

export const matrix: Platform<MatrixSettings> = {
  name: 'matrix',
  title: 'Matrix',
  settings: matrixSettings,
  address: matrixAddress,
  people: {
    user,
    role: null,
    server,
    power: "the power that is needed in a Matrix room; without it the room's state_default",
    permission: 'the power to change this room’s settings',
    trusted: null,
  },
  mention: {
    forms: ['"@you:example.org"'],
    parse: (text) => (/^@[^\s:]+:\S+$/.test(text) ? { kind: 'user', id: text } : null),
  },
  messageId(text) {
    const event = messageLink.exec(text)?.[1];
    if (event !== undefined) return decoded(event);
    return /^\$[^\s]{1,255}$/.test(text) ? text : null;
  },
  // https://spec.matrix.org/v1.16/appendices/#matrixto-navigation
  messageLink: (room, event) => `https://matrix.to/#/${encodeURIComponent(room)}/${encodeURIComponent(event)}`,
  answersAlone: false,
  showsByPermission: false,
  counters: [],
  brokenForGood: null,
  setup: matrixSetup,
  tools: matrixTools,
  async inspect(settings, request) {
    const { inspectMatrix } = await import('./inspect.ts');
    return inspectMatrix(settings, request);
  },
  async createAdapter(settings, { clock, log, network, position, credentials, encryption, end }) {
    const { createMatrixAdapter } = await import('./matrix-adapter.ts');
    return createMatrixAdapter({ ...settings, clock, log, network, position, credentials, encryption, end });
  },
  async sketch(message, options) {
    const { sketchOnMatrix } = await import('./sketch.ts');
    return sketchOnMatrix(message, options);
  },
};

/** `https://matrix.to/#/<room>/<event>` */
const messageLink = /^https:\/\/matrix\.to\/#\/[^/]+\/([^?/]+)/;
