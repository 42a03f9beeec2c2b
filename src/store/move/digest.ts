import { hash } from 'node:crypto';
import { clean } from '../postgres/connection.ts';
import type { Row } from './side.ts';

/** Number of 32-bit lanes of a digest. */
const LANES = 4;

/** The number of rows of a table, and a hash over them that does not depend on their order. */
export interface Summary {
  readonly rows: number;
  readonly hash: string;
}

/**
 * Adds up the SHA-256 of each row, 128 bits of it. Two databases sort texts in different ways, so that the rows come in
 * different orders.
 */
export class Digest {
  readonly #lanes = new Uint32Array(LANES);
  #rows = 0;

  get rows(): number {
    return this.#rows;
  }

  add(row: Row): void {
    const bytes = hash('sha256', canonical(row), 'buffer');
    for (let lane = 0; lane < LANES; lane += 1) this.#lanes[lane]! += bytes.readUInt32LE(lane * 4);
    this.#rows += 1;
  }

  summary(): Summary {
    return { rows: this.#rows, hash: Buffer.from(this.#lanes.buffer).toString('hex') };
  }
}

/** Returns the same text for a row of either store: PostgreSQL holds no NUL, for which both then have U+FFFD. */
function canonical(row: Row): string {
  return JSON.stringify(row.map(clean));
}
