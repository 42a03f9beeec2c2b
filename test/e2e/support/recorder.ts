import WebSocket from 'ws';
import type { WireEvent } from './rails-server.ts';

/** One event as the undisturbed subscriber received it. */
export interface Recorded {
  readonly event: WireEvent;
  /** Unix milliseconds. */
  readonly at: number;
  /** Time of its arrival, if `at` is later than that, Unix milliseconds. */
  readonly heardAt?: number;
}

/**
 * The undisturbed subscriber: an independent Action Cable client that shares no code with Lookout, is never killed and
 * keeps every event that it received. It reconnects by itself, ten times a second, when the server is gone.
 */
export interface Recorder {
  readonly recorded: readonly Recorded[];
  /** Frames that were neither protocol nor an event in the documented format. */
  readonly strange: readonly string[];
  readonly subscribed: boolean;
  stop(): void;
}

function isEvent(message: unknown): message is WireEvent {
  return (
    typeof message === 'object' &&
    message !== null &&
    'event_type' in message &&
    'event_class' in message &&
    'object' in message
  );
}

/** Subscribes to `events` (the API's own grammar) at `url`. */
export function startRecorder(url: string, key: string, events: string): Recorder {
  const recorded: Recorded[] = [];
  const strange: string[] = [];
  const identifier = JSON.stringify({ channel: 'ApiChannel', key, events });
  let socket: WebSocket;
  let timer: NodeJS.Timeout | undefined;
  let subscribed = false;
  let stopped = false;

  const hear = (text: string) => {
    const frame = JSON.parse(text) as { type?: string; identifier?: string; message?: unknown };
    if (frame.type === 'welcome') socket.send(JSON.stringify({ command: 'subscribe', identifier }));
    else if (frame.type === 'confirm_subscription') subscribed = true;
    else if (frame.type === 'ping') return;
    else if (frame.type === undefined && frame.identifier === identifier && isEvent(frame.message))
      recorded.push({ event: frame.message, at: Date.now() });
    else strange.push(text.slice(0, 500));
  };
  const connect = () => {
    socket = new WebSocket(url, ['actioncable-v1-json'], { perMessageDeflate: false });
    socket.on('message', (data) => hear(String(data)));
    socket.on('error', () => {});
    socket.on('close', () => {
      subscribed = false;
      if (!stopped) timer = setTimeout(connect, 100);
    });
  };
  connect();
  return {
    recorded,
    strange,
    get subscribed() {
      return subscribed;
    },
    stop() {
      stopped = true;
      clearTimeout(timer);
      socket.terminate();
    },
  };
}
