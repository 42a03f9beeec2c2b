import { describe, expect, it } from 'vitest';
import { isForUs } from '../../src/commands/for-us.ts';
import { commandTable } from '../support/command-table.ts';

const isAnswered = (line: string) => isForUs(line, commandTable());

describe('a line that other bots may be meant by', () => {
  it.each(['mute for 1h', ' Status', 'help', 'help!', 'why?', 'status: now'])(
    'is answered if it begins with a command: %j',
    (line) => {
      expect(isAnswered(line)).toBe(true);
    },
  );

  it.each([
    'mtue',
    'statuss',
    'staus',
    'stotus',
    'subcribe posts',
    'unsubscibe',
    'hlp',
    'subscription',
    'mutte',
    'qiuet',
  ])('is answered if the name is misspelt in one place: %j', (line) => {
    expect(isAnswered(line)).toBe(true);
  });

  it.each([
    ...['play song', 'whatever', 'muted', 'shows', 'helper', 'slow', 'cute', 'who', 'ban @a', 'unmuted', 'statuses'],
    ...['m', '', '!', '8ball', 'роза', 'mu', 'subscriber', 'constructor'],
  ])('is not answered if it begins with anything else: %j', (line) => {
    expect(isAnswered(line)).toBe(false);
  });
});
