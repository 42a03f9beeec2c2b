import { link, never, newKey, says, type Trial } from './trial.ts';

/** Tests edits, answers, reactions and mentions. */
export function testChanges(trial: Trial): void {
  const { it, expect, cannot, where, send, sent, about, act } = trial;

  where('edit', 'changes a message, as often as it is told to', async () => {
    const { adapter, room } = trial.harness;
    const first = await send(says('first'));
    if (first.outcome !== 'sent') throw new Error(`not sent: ${first.outcome}`);
    const key = newKey();
    const request = {
      room,
      key,
      payload: adapter.format(says('changed'), key, room),
      action: { kind: 'edit', target: first.platformId } as const,
    };
    for (const _ of ['once', 'and the answer was lost'])
      expect(await adapter.send(request, never)).toMatchObject({ outcome: 'sent' });
    const shown = await trial.harness.shown();
    expect(shown).toEqual([expect.stringContaining('changed')]);
    expect(shown[0]).not.toContain('first');
  });

  where('edit', 'knows that a message that is gone cannot be changed, which says nothing of the room', async () => {
    const { adapter, room } = trial.harness;
    const key = newKey();
    const payload = adapter.format(says('changed'), key, room);
    const result = await adapter.send(
      { room, key, payload, action: { kind: 'edit', target: trial.harness.noMessage } },
      never,
    );
    expect(result).toMatchObject({ outcome: 'rejected', target: 'gone' });
    expect(await send(says('next'))).toMatchObject({ outcome: 'sent' });
  });

  for (const kind of ['reply', 'thread'] as const)
    it(`shows a message that is sent as a ${kind}, once`, async () => {
      const first = await sent(says('first'));
      const request = about({ kind, target: first }, says('second'));
      const result = await trial.harness.adapter.send(request, never);
      expect(result).toMatchObject({ outcome: 'sent', platformId: expect.stringMatching(/./) });
      if (cannot.repeatByKey === undefined) expect(await trial.harness.adapter.send(request, never)).toEqual(result);
      if (cannot.relate !== undefined) expect((await trial.harness.shown()).join()).toMatch(/first.*second/s);
      else
        expect(await trial.harness.related()).toEqual([
          { as: kind, to: first, text: expect.stringContaining('second') },
        ]);
    });

  where('relate', 'changes what it sent as an answer, and answers it in turn where it stands', async () => {
    const first = await sent(says('first'));
    for (const kind of ['reply', 'thread'] as const) {
      const second = await act({ kind, target: first }, says('second'));
      await act({ kind: 'edit', target: second }, says('changed'));
      await act({ kind: 'thread', target: second }, says('third'));
    }
    const texts = (await trial.harness.related()).map(({ as, text }) => [as, text]);
    expect(texts).toContainEqual(['reply', expect.stringContaining('changed')]);
    expect(texts.filter(([as]) => as === 'thread')).toEqual([
      ['thread', expect.stringContaining('third')],
      ['thread', expect.stringContaining('changed')],
      ['thread', expect.stringContaining('third')],
    ]);
    expect((await trial.harness.shown()).join()).not.toContain('second');
  });

  where('find', 'finds what it sent as an answer', async () => {
    const first = await sent({ ...says('first'), link });
    for (const kind of ['reply', 'thread'] as const) {
      const action = { kind, target: first };
      const request = about(action, { ...says('second'), link });
      expect(await trial.harness.adapter.find({ ...request, since: 0 }, never)).toEqual({ outcome: 'absent' });
      const result = await trial.harness.adapter.send(request, never);
      expect(await trial.harness.adapter.find({ ...request, since: 0 }, never)).toEqual({
        outcome: 'found',
        platformId: (result as { platformId: string }).platformId,
      });
    }
  });

  where('react', 'puts a reaction to a message and takes it away, as often as it is told to', async () => {
    const first = await sent(says('first'));
    const ids = [];
    for (const _ of ['once', 'and the answer was lost'])
      ids.push(await act({ kind: 'react', target: first }, '✅'), await act({ kind: 'react', target: first }, '👍🏽'));
    expect(await trial.harness.reactions()).toEqual([`${first} ✅`, `${first} 👍🏽`]);
    expect(new Set(ids).size).toBe(2);
    for (const _ of ['once', 'and the answer was lost']) await act({ kind: 'redact', target: ids[0]! }, '');
    expect(await trial.harness.reactions()).toEqual([`${first} 👍🏽`]);
    expect(await trial.harness.shown()).toHaveLength(1);
    await act({ kind: 'react', target: first }, '✅');
    expect(await trial.harness.reactions()).toHaveLength(2);
  });

  where('react', 'has no reaction to take away where the message is gone', async () => {
    const first = await sent(says('first'));
    const reaction = await act({ kind: 'react', target: first }, '✅');
    await trial.harness.remove(first);
    expect(await trial.harness.reactions()).toEqual([]);
    await act({ kind: 'redact', target: reaction }, '');
  });

  where('react', 'knows that a message is gone, which says nothing of the room', async () => {
    for (const target of [trial.harness.noMessage, await sent(says('first'))]) {
      if (target !== trial.harness.noMessage) await trial.harness.remove(target);
      for (const kind of ['edit', 'react', 'thread'] as const)
        expect(
          await trial.harness.adapter.send(about({ kind, target }, kind === 'react' ? '✅' : says('x')), never),
        ).toEqual({
          outcome: 'rejected',
          target: 'gone',
          reason: expect.stringMatching(/./),
        });
    }
    expect(await send(says('next'))).toMatchObject({ outcome: 'sent' });
    expect(await trial.harness.shown()).toEqual([expect.stringContaining('next')]);
  });

  where('mention', 'pings those that a message is to ping, when it comes, and by no edit', async () => {
    const { adapter, room, somebody } = trial.harness;
    const hostile = says(`<@${somebody.id}> ${somebody.id} @everyone @room`);
    const first = await sent(hostile);
    expect(await trial.harness.pinged()).toEqual([]);
    const key = newKey();
    const payload = adapter.format(hostile, key, room, [somebody]);
    expect(await adapter.send({ room, key, payload }, never)).toMatchObject({ outcome: 'sent' });
    expect(await trial.harness.pinged()).toEqual([somebody.id]);
    const action = { kind: 'edit', target: first } as const;
    expect(await adapter.send({ room, key, payload, action }, never)).toMatchObject({ outcome: 'sent' });
    expect(await trial.harness.pinged()).toEqual([]);
    for (const kind of ['reply', 'thread'] as const) {
      await act({ kind, target: first }, hostile);
      expect(await trial.harness.pinged()).toEqual([]);
      const answer = newKey();
      const loud = adapter.format(hostile, answer, room, [somebody]);
      await adapter.send({ room, key: answer, payload: loud, action: { kind, target: first } }, never);
      expect(await trial.harness.pinged()).toEqual([somebody.id]);
    }
  });

  where('mention', 'pings those that several messages in one are to ping', async () => {
    const { adapter, room, somebody } = trial.harness;
    const key = newKey();
    const { payload } = adapter.together([says('first'), says('second')], key, room, [somebody, somebody]);
    expect(await adapter.send({ room, key, payload }, never)).toMatchObject({ outcome: 'sent' });
    expect(await trial.harness.pinged()).toEqual([somebody.id]);
  });

  it('accepts more mentions than a message has room for', async () => {
    const { adapter, room, somebody } = trial.harness;
    const many = Array.from({ length: 300 }, (_, n) => ({
      ...somebody,
      id: somebody.id.replace(/\d{3}/, String(100 + n)),
    }));
    const key = newKey();
    const payload = adapter.format(says('word '.repeat(20_000)), key, room, many);
    expect(await adapter.send({ room, key, payload }, never)).toMatchObject({ outcome: 'sent' });
    expect((await trial.harness.shown())[0]).toContain('word…');
    const pinged = (await trial.harness.pinged()).length;
    if (cannot.mention === undefined) expect([pinged > 0, pinged < 300]).toEqual([true, true]);
  });
}
