import { describe, expect, it } from 'vitest';
import { readControlFrame } from '../../../src/inputs/source/control-frame.ts';

describe('a control frame', () => {
  it('is a welcome or a disconnect, with its keys in any order', () => {
    expect(readControlFrame('{"type":"welcome"}')).toEqual({ type: 'welcome' });
    expect(readControlFrame('{"reconnect":true,"reason":"remote","type":"disconnect"}')).toEqual({
      type: 'disconnect',
      reason: 'remote',
      reconnect: true,
    });
  });

  it('may lack a reason, and must have a boolean', () => {
    expect(readControlFrame('{"type":"disconnect","reason":7,"reconnect":"yes"}')).toEqual({
      type: 'disconnect',
      reason: 'none given',
      reconnect: false,
    });
  });

  it.each(['', 'null', '7', '[]', '{', '{"type":"ping"}', '{"type":{}}', '{"message":{"type":"welcome"}}'])(
    'is not: %s',
    (text) => {
      expect(readControlFrame(text)).toBeNull();
    },
  );

  it('is short: a long frame is not parsed here', () => {
    expect(readControlFrame(`{"type":"welcome","pad":"${'x'.repeat(1_024)}"}`)).toBeNull();
  });
});
