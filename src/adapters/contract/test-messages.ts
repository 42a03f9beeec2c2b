import { link, never, newKey, says, type Trial } from './trial.ts';

/** Tests what a room shows of a message. */
export function testMessages(trial: Trial): void {
  const { it, expect, cannot, where, send } = trial;

  it('identifies its account, and accepts a message', async () => {
    const result = await send(says('hello'));
    expect(result).toMatchObject({ outcome: 'sent', platformId: expect.stringMatching(/./) });
    expect(await trial.harness.shown()).toEqual([expect.stringContaining('hello')]);
  });

  it('formats the same message with the same key to the same bytes', () => {
    const { adapter, room } = trial.harness;
    const key = 'k'.repeat(22);
    expect(adapter.format(says('hello'), key, room)).toBe(adapter.format(says('hello'), key, room));
  });

  it('shows several messages in one, as many as it declares', async () => {
    const { adapter, room } = trial.harness;
    const key = newKey();
    const { payload, carried } = adapter.together([says('first'), says('second'), says('third')], key, room);
    expect(carried).toBe(3);
    expect(await adapter.send({ room, key, payload }, never)).toMatchObject({ outcome: 'sent' });
    const shown = await trial.harness.shown();
    expect(shown).toHaveLength(1);
    expect(shown[0]).toMatch(/first.*second.*third/s);
  });

  where('repeatByKey', 'shows a message once that is sent twice with one key', async () => {
    const key = newKey();
    const first = await send(says('once'), key);
    expect(await send(says('once'), key)).toEqual(first);
    expect(await trial.harness.shown()).toHaveLength(1);
  });

  it('accepts a message of any length, cut, with its link', async () => {
    const long = { ...says('word '.repeat(200_000)), link };
    expect(await send(long)).toMatchObject({ outcome: 'sent' });
    const [shown = ''] = await trial.harness.shown();
    expect(shown).toContain('word…');
    if (cannot.showsLinks === undefined) expect(shown).toContain(link);
  });

  it('accepts an empty message, and shows something', async () => {
    expect(await send({ ...says(''), body: [] })).toMatchObject({ outcome: 'sent' });
    const [shown = ''] = await trial.harness.shown();
    expect(shown.trim()).not.toBe('');
  });

  it('accepts text that is not well-formed', async () => {
    expect(await send(says('lone \ud83d surrogate \udc00'))).toMatchObject({ outcome: 'sent' });
    expect((await trial.harness.shown()).join()).toContain('lone \ufffd surrogate \ufffd');
  });

  where('find', 'finds what it sent by its key, and nothing else', async () => {
    const key = newKey();
    const message = { ...says('look for me'), link };
    const sent = await send(message, key);
    await send({ ...says('not for me'), link });
    const { adapter, room } = trial.harness;
    const find = (wanted: string) =>
      adapter.find({ room, key: wanted, payload: adapter.format(message, wanted, room), since: 0 }, never);
    expect(await find(key)).toEqual({ outcome: 'found', platformId: (sent as { platformId: string }).platformId });
    expect(await find(newKey())).toEqual({ outcome: 'absent' });
  });
}
