import { listAudit } from '../commands/audit.ts';
import { printedJson, printedRow } from '../text/printed.ts';
import { type NamedStore, withNamedStore } from './named-store.ts';
import type { ExitCode, Terminal } from './terminal.ts';

export interface AuditOptions {
  /** How many of the newest. */
  readonly limit: number;
  /** An address, `matrix:#a:example.org`; null: all rooms. */
  readonly room: string | null;
  readonly json: boolean;
}

/** `lookout audit`: who changed what by a command, oldest first; columns apart by two blanks: when, room, who, what. */
export async function auditCommand(named: NamedStore, options: AuditOptions, terminal: Terminal): Promise<ExitCode> {
  return withNamedStore(named, terminal, async (db) => {
    const entries = await listAudit(db, options.limit, options.room);
    if (options.json) terminal.out(printedJson(entries));
    else
      for (const { at, address, author, what } of entries)
        terminal.out(printedRow([new Date(at).toISOString(), address, author, what.replaceAll(/\s+/g, ' ')]));
    if (entries.length === 0) terminal.err('nothing was changed by a command\n');
    return 0;
  });
}
