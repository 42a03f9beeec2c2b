import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A request to the login server. */
export interface LoginRequest {
  /** `POST /_matrix/client/v3/login` */
  readonly line: string;
  readonly query: URLSearchParams;
  /** The body: JSON, or the fields of a form. */
  readonly body: Readonly<Record<string, unknown>>;
}

/** The answer to a request: a status and a body. */
export type LoginAnswer = readonly [status: number, body: unknown, headers?: Readonly<Record<string, string>>];

export interface LoginServer {
  readonly url: string;
  readonly seen: readonly LoginRequest[];
  /** Sets the answer to requests of a line; anything else is a 404. */
  on(line: string, answer: (request: LoginRequest) => LoginAnswer): void;
  stop(): Promise<void>;
}

/** Starts the part of a homeserver on loopback that logs people in. It knows `@bot:fake.test` by the token `syt_good`. */
export async function startLoginServer(): Promise<LoginServer> {
  const seen: LoginRequest[] = [];
  const answers = new Map<string, (request: LoginRequest) => LoginAnswer>();
  const server = createServer(async (incoming, response) => {
    const url = new URL(incoming.url ?? '/', 'http://fake.test');
    const request = {
      line: `${incoming.method} ${url.pathname}`,
      query: url.searchParams,
      body: await bodyOf(incoming),
    };
    seen.push(request);
    const known = answers.get(request.line);
    const [status, body, headers] = known?.(request) ?? [
      404,
      { errcode: 'M_UNRECOGNIZED', error: 'Unrecognized request' },
    ];
    response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  answers.set('GET /_matrix/client/versions', () => [200, { versions: ['v1.18'] }]);
  answers.set('GET /_matrix/client/v3/account/whoami', () => [200, { user_id: '@bot:fake.test' }]);
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    seen,
    on: (line, answer) => void answers.set(line, answer),
    async stop() {
      const ended = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      await ended;
    },
  };
}

async function bodyOf(incoming: IncomingMessage): Promise<Record<string, unknown>> {
  let text = '';
  for await (const chunk of incoming) text += String(chunk);
  if (text === '') return {};
  const isForm = incoming.headers['content-type']?.includes('urlencoded');
  return isForm ? Object.fromEntries(new URLSearchParams(text)) : (JSON.parse(text) as Record<string, unknown>);
}
