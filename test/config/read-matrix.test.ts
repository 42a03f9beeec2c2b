// biome-ignore-all lint/suspicious/noTemplateCurlyInString: `${NAME}` is what a configuration says
import { describe, expect, it } from 'vitest';
import type { MatrixSettings } from '../../src/adapters/matrix/settings.ts';
import type { Config } from '../../src/config/config.ts';
import { read } from './config-files.ts';

const rest = 'source: { url: demo }\nstore: memory\nsubscriptions: [{ events: posts, rooms: "console:x" }]\n';
const matrix = (keys: string) =>
  read(`chats: { matrix: { ${keys} } }\n${rest}`, { environment: { T: 'secret-token' } });

/** The settings of a configuration that was read. */
const chatOf = (config: Config | null) => config?.chats.matrix as MatrixSettings | undefined;

describe('chats.matrix', () => {
  it('is an account: where it lives, its token, and whose invitations it accepts', () => {
    const { config, said } = matrix(
      'homeserver: "https://Example.org/", token: "${T}", invite: ["@a:example.org", example.com, "[::1]:8448"]',
    );
    expect(said).toEqual([]);
    expect(config?.chats.matrix).toMatchObject({
      homeserver: 'https://example.org',
      invite: ['@a:example.org', 'example.com', '[::1]:8448'],
    });
    expect(chatOf(config)?.token.reveal()).toBe('secret-token');
    expect(chatOf(config)).toMatchObject({ refreshToken: null, clientId: null });
  });

  it('may have a refresh token, with the id of an OAuth 2.0 client', () => {
    const keys = 'homeserver: "https://a.b", token: "${T}", refresh_token_file: r, client_id: 01J, store_key_file: k';
    const { config, said } = read(`chats: { matrix: { ${keys} } }\n${rest.replace('store: memory\n', '')}`, {
      environment: { T: 'secret-token' },
      files: { r: 'the-refresh-token\n', k: '7'.repeat(64) },
    });
    expect(said).toEqual([]);
    expect(chatOf(config)?.clientId).toBe('01J');
    expect(chatOf(config)?.refreshToken?.reveal()).toBe('the-refresh-token');
    expect(config?.secrets.map((secret) => secret.reveal())).toContain('the-refresh-token');
  });

  it('accepts nobody by itself, and one as well as a list', () => {
    expect(chatOf(matrix('homeserver: "https://a.b", token: "${T}"').config)?.invite).toEqual([]);
    expect(chatOf(matrix('homeserver: "https://a.b", token: "${T}", invite: a.b').config)?.invite).toEqual(['a.b']);
  });

  it.each([
    ['homeserver: a.b, token: "${T}"', '1:32: "homeserver" is not a web address: write https://a.b'],
    [
      'homeserver: "https://a.b/_matrix/client", token: "${T}"',
      '1:33: "homeserver" has more than a host in it: write https://a.b',
    ],
    [
      'homeserver: "https://u:p@a.b", token: "${T}"',
      '1:33: "homeserver" has a user or password in it: remove what stands before the @',
    ],
    ['homeserver: "https://a.b"', '1:18: Matrix needs an access token: add "token: ${MATRIX_TOKEN}" or "token_file:"'],
    [
      'homeserver: "https://a.b", token: "${T}", refresh_token: "${T}"',
      '1:18: a refresh token is good for one use, and a store in memory forgets the one that follows it: write store: sqlite:lookout.db, or use a token that does not end',
    ],
    [
      'homeserver: "https://a.b", token: "${T}", client_id: x',
      '1:73: "client_id" is of use with a refresh token alone: add "refresh_token:", or remove it',
    ],
    ['token: "${T}"', '1:10: "homeserver" is missing: add "homeserver: https://matrix.example.org"'],
    [
      'homeserver: "https://a.b", token: "${T}", invite: "a b"',
      '1:71: "a b" is neither a user nor a server: write "@user:example.org" or example.org',
    ],
  ])('is refused: %s', (keys, message) => {
    const { config, said } = matrix(keys);
    expect(config).toBeNull();
    expect(said).toEqual([message]);
  });

  it('with an inviter that has no dot in it brings a warning', () => {
    expect(matrix('homeserver: "https://a.b", token: "${T}", invite: you').said).toEqual([
      '1:70: warning: "you" is taken for a server: write a user as "@user:example.org"',
    ]);
  });

  it('without encryption to another machine brings a warning', () => {
    expect(matrix('homeserver: "http://a.b", token: "${T}"').said).toEqual([
      '1:33: warning: http:// to a.b sends the token unencrypted: use https://a.b',
    ]);
    expect(matrix('homeserver: "http://127.0.0.1:8008", token: "${T}"').said).toEqual([]);
  });

  describe('with a recovery key', () => {
    const whole = 'EsT3 4kza y1Xs efFA tKyi HVwT kdEP 4UEk rvNr dFvy 8nGq AkqP';
    const withKey = (key: string) =>
      read(`chats: { matrix: { homeserver: "https://a.b", token: "\${T}", recovery_key_file: r } }\n${rest}`, {
        environment: { T: 'secret-token' },
        files: { r: `${key}\n` },
      });

    it('takes it as clients write it', () => {
      const { config, said } = withKey(whole);
      expect(said).toEqual([]);
      expect(chatOf(config)?.recoveryKey?.reveal()).toBe(whole);
    });

    it('says a typing mistake', () => {
      const { config, said } = withKey(whole.replace('AkqP', 'AkPq'));
      expect(config).toBeNull();
      expect(said).toContain(
        '1:62: the recovery key has a typing mistake: its checksum is wrong: copy it again from where it was shown, all 48 letters and digits',
      );
    });
  });

  it('says who reads encrypted rooms, which brings warnings of a store that shows or forgets their keys', () => {
    const keys = (more: string) => `homeserver: "https://a.b", token: "\${T}"${more}, encrypt_for: all_devices`;
    const lasting = (more: string) =>
      read(`chats: { matrix: { ${keys(more)} } }\n${rest.replace('store: memory\n', '')}`, {
        environment: { T: 'secret-token', K: '7'.repeat(64) },
      });
    expect(matrix(keys('')).said).toEqual([
      '1:62: warning: a store in memory forgets the keys of encrypted rooms, which get nothing from the second start on: write store: sqlite:lookout.db',
    ]);
    expect(lasting('').said).toEqual([
      '1:62: warning: without store_key the keys of encrypted rooms are in the store as they are, for everybody who can read the file: give a store_key before the first encrypted room (openssl rand -base64 32), or log in with lookout login matrix, which makes one',
    ]);
    const { config, said } = lasting(', store_key: "${K}"');
    expect(said).toEqual([]);
    expect(chatOf(config)?.encryptFor).toBe('all_devices');
  });
});
