import type { PlatformTool } from '../tool.ts';
import type { MatrixSettings } from './settings.ts';

/** `lookout matrix …` */
export const matrixTools: readonly PlatformTool<MatrixSettings>[] = [
  {
    name: 'verify',
    says: 'show the bot’s device, its fingerprint, and what other people’s clients make of it',
    options: [],
    store: 'shared',
    async run(settings, parts) {
      const { verify } = await import('./tools/verify.ts');
      return verify(settings, parts);
    },
  },
  {
    name: 'recovery-key',
    says: 'make a recovery key, with which the bot’s devices are signed on another machine too',
    options: [
      { flags: '--file <file>', says: 'the new file that it is written into, which you alone can read' },
      { flags: '--replace', says: 'even if the account has another recovery key, which is of no use any more then' },
    ],
    store: 'shared',
    async run(settings, parts) {
      const { makeRecoveryKey } = await import('./tools/recovery-key.ts');
      return makeRecoveryKey(settings, parts);
    },
  },
  {
    name: 'reset',
    says: 'the last resort: give the bot’s account a new identity, which people see as a change',
    options: [
      { flags: '--password', says: 'do it, and ask for the account’s password if the homeserver wants it' },
      { flags: '--password-file <file>', says: 'do it; a file with the password and nothing else' },
    ],
    store: 'alone',
    async run(settings, parts) {
      const { reset } = await import('./tools/reset.ts');
      return reset(settings, parts);
    },
  },
];
