import { rmSync } from 'node:fs';
import { partsOfAccount } from '../account-id.ts';
import { problemLine } from '../config/check.ts';
import type { Config } from '../config/config.ts';
import type { Environment } from '../config/substitute.ts';
import { readRoomAccounts } from '../outbox/rows/rooms.ts';
import { exportSubscriptions } from '../rooms/export-subscriptions.ts';
import { mergeSubscriptions } from '../rooms/merge-subscriptions.ts';
import { namesByAddress } from '../rooms/named-room.ts';
import { compileStored, listStoredSubscriptions, type StoredSubscription } from '../rooms/stored-subscriptions.ts';
import { writePrivateFile } from '../secrets/write-private-file.ts';
import type { Database } from '../store/tables.ts';
import { counted } from '../text/counted.ts';
import { maxConfigBytes, readTextFile } from '../text/read-text-file.ts';
import { shownLine } from '../text/shown.ts';
import { type NamedStore, withNamedStore } from './named-store.ts';
import { loadOffline } from './offline-config.ts';
import { replaceFile } from './replace-file.ts';
import type { ExitCode, Terminal } from './terminal.ts';

export interface ExportOptions {
  /** True: they are written into the configuration. */
  readonly write: boolean;
  readonly environment: Environment;
}

/**
 * Runs `lookout subscriptions export`: prints the subscriptions made by commands as YAML, or writes them into the
 * configuration. Those that it has already are left out.
 */
export async function exportSubscriptionsCommand(
  named: NamedStore,
  { write, environment }: ExportOptions,
  terminal: Terminal,
): Promise<ExitCode> {
  return withNamedStore(named, terminal, async (db) => {
    const { file } = named;
    const stored = await listStoredSubscriptions(db);
    const { config, problems } = loadOffline(file, environment);
    if (config === null && write) {
      for (const problem of problems) terminal.err(`${problemLine(problem)}\n`);
      terminal.err(`nothing was written: ${file} must be good before something is added to it\n`);
      return 2;
    }
    const able = await ofFile(db, config, stored, terminal);
    const left = missingIn(config, able, terminal);
    if (left.length === 0) {
      const none = 'no subscriptions made by commands\n';
      if (able.length < stored.length) return 0;
      terminal.err(stored.length === 0 ? none : `${file} has every subscription made by commands already\n`);
      return 0;
    }
    const block = exportSubscriptions(left, namesByAddress(config?.rooms ?? []));
    const read = readTextFile(file, maxConfigBytes);
    const text = read.outcome === 'text' ? read.text : null;
    return write && text !== null
      ? writeInto({ file, text, block, left, environment }, terminal)
      : print({ file, text, block }, terminal);
  });
}

/**
 * Returns the subscriptions of rooms that the configuration gives the account that they have: another room that it does not name
 * would get the account without a name. Says which are left out.
 */
async function ofFile(
  db: Database,
  config: Config | null,
  stored: readonly StoredSubscription[],
  terminal: Terminal,
): Promise<readonly StoredSubscription[]> {
  const accounts = await readRoomAccounts(db);
  const named = new Set(config?.rooms.map(({ address }) => address));
  return stored.filter(({ id, address }) => {
    const account = accounts.get(address);
    const name = account === undefined ? null : partsOfAccount(account).name;
    if (name === null || named.has(address)) return true;
    const room = `{ to: ${JSON.stringify(address)}, account: ${name} }`;
    terminal.err(shownLine(`${id} is left out: name its room first, with its account: "rooms: { <name>: ${room} }"`));
    terminal.err('\n');
    return false;
  });
}

/** Returns the subscriptions that a configuration does not have; says which of them this version cannot read. */
function missingIn(
  config: Config | null,
  stored: readonly StoredSubscription[],
  terminal: Terminal,
): readonly StoredSubscription[] {
  if (config === null) return stored;
  return stored.filter((one) => {
    if (config.subscriptions.some(({ id }) => id === one.id)) return false;
    const compiled = compileStored(one, config.catalogue);
    if (typeof compiled === 'string') terminal.err(`${one.id} is left out, since it cannot be read: ${compiled}\n`);
    return typeof compiled !== 'string';
  });
}

interface Place {
  readonly file: string;
  readonly block: string;
}

/** Prints lines that can be appended to the file, or the whole block if more is to be done to put it there. */
function print({ file, text, block }: Place & { readonly text: string | null }, terminal: Terminal): ExitCode {
  const merged = text === null ? null : mergeSubscriptions(text, block);
  const isAtEnd = merged?.outcome === 'merged' && merged.text.startsWith(text ?? '') && !merged.text.includes('\r');
  if (isAtEnd && text !== null) {
    terminal.out(merged.text.slice(text.length));
    terminal.err(`append these lines to ${file}, or use --write\n`);
    return 0;
  }
  terminal.out(block);
  const how = merged?.outcome === 'merged' ? ', or use --write' : '';
  terminal.err(`put the lines below \`subscriptions:\` under that key of ${file}${how}\n`);
  return 0;
}

interface Writing extends Place {
  readonly text: string;
  readonly left: readonly StoredSubscription[];
  readonly environment: Environment;
}

function writeInto({ file, text, block, left, environment }: Writing, terminal: Terminal): ExitCode {
  const merged = mergeSubscriptions(text, block);
  if (merged.outcome === 'refused') {
    terminal.err(`${file}: ${merged.reason}. Nothing was written. To be put there by hand:\n`);
    terminal.out(block);
    return 1;
  }
  const problems = problemsOf(merged.text, { file, left, environment });
  if (problems.length > 0) {
    for (const problem of problems) terminal.err(`${problem}\n`);
    terminal.err(`nothing was written: with them ${file} would not be good\n`);
    return 1;
  }
  replaceFile(file, merged.text);
  const them = counted(left.length, 'subscription is', 'subscriptions are');
  terminal.out(`${them} in ${file} now: ${left.map(({ id }) => id).join(', ')}\n`);
  return 0;
}

/** Returns what is wrong with a new text of a configuration, which must have the subscriptions under their ids. */
function problemsOf(text: string, { file, left, environment }: Omit<Writing, 'text' | 'block'>): readonly string[] {
  // Beside the configuration, where its relative paths begin.
  const copy = `${file}.merged`;
  rmSync(copy, { force: true });
  try {
    writePrivateFile(copy, text, 'refuse');
    const { config, problems } = loadOffline(copy, environment);
    if (config === null)
      return problems
        .filter(({ severity }) => severity === 'error')
        .map((problem) => problemLine({ ...problem, file: problem.file === copy ? file : problem.file }));
    const other = left.filter(({ id }) => !config.subscriptions.some((one) => one.id === id));
    return other.map(({ id }) => `${id} would become another subscription`);
  } finally {
    rmSync(copy, { force: true });
  }
}
