import { listAudit } from '../commands/audit.ts';
import { printedJson, printedRow } from '../text/printed.ts';
import { type NamedStore, withNamedStore } from './named-store.ts';
import type { ExitCode, Terminal } from './terminal.ts';

export interface AuditOptions {
  /** Number of entries, newest first. */
  readonly limit: number;
  /** An address, `matrix:#a:example.org`; null: all rooms. */
  readonly room: string | null;
  readonly json: boolean;
}

/**
 * Runs `lookout audit`: prints the changes made by commands, oldest first, in columns separated by two blanks: when,
 * room, who, what.
 */
export async function auditCommand(named: NamedStore, options: AuditOptions, terminal: Terminal): Promise<ExitCode> {
  return withNamedStore(named, terminal, async (db) => {
    const entries = await listAudit(db, options.limit, options.room);
    if (options.json) terminal.out(printedJson(entries));
    else
      for (const { at, address, author, what } of entries)
        terminal.out(printedRow([new Date(at).toISOString(), address, author, what.replaceAll(/\s+/g, ' ')]));
    if (entries.length === 0) terminal.err('no changes by commands\n');
    return 0;
  });
}
