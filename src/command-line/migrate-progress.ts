import type { MoveStep } from '../store/move/move-store.ts';
import type { Clock } from '../time/clock.ts';
import type { Terminal } from './terminal.ts';

/** Interval between two changes of the line on a terminal, ms. */
const REDRAW_EVERY_MS = 100;
/** Interval between two lines elsewhere, ms. */
const LINE_EVERY_MS = 10_000;
/** Erases the line from its beginning on. https://www.xfree86.org/current/ctlseqs.html */
const ERASE = '\r\x1b[K';

const number = new Intl.NumberFormat('en');

/** Tells a person how far a move is: on a terminal one line that changes, elsewhere a line now and then. */
export class MigrateProgress {
  readonly #terminal: Terminal;
  readonly #clock: Clock;
  #isDrawn = false;
  #toldAt = Number.NEGATIVE_INFINITY;

  constructor(terminal: Terminal, clock: Clock) {
    this.#terminal = terminal;
    this.#clock = clock;
  }

  show(step: MoveStep): void {
    if (step.step === 'copying' || step.step === 'checking') {
      const now = this.#clock.monotonic();
      if (now - this.#toldAt < (this.#terminal.errIsTerminal ? REDRAW_EVERY_MS : LINE_EVERY_MS)) return;
      this.#toldAt = now;
    }
    this.#tell(textOf(step), step.step === 'updated');
  }

  /** Erases the line that changes, before another one is written. */
  end(): void {
    if (this.#isDrawn) this.#terminal.styled(ERASE);
    this.#isDrawn = false;
  }

  #tell(text: string, isLasting: boolean): void {
    if (isLasting || !this.#terminal.errIsTerminal) {
      this.end();
      this.#terminal.err(`${text}\n`);
      return;
    }
    this.#terminal.styled(`${ERASE}${text}`);
    this.#isDrawn = true;
  }
}

function textOf(step: MoveStep): string {
  switch (step.step) {
    case 'waiting':
      return `${step.holder} worked on the database a moment ago; waiting a few seconds, in case it was killed`;
    case 'updated':
      return `its tables were of ${step.schema.before ?? 'no version'} and are now of ${step.schema.now}, as \`lookout run\` would have made them`;
    case 'completing':
      return 'making the indexes';
    case 'copying':
    case 'checking': {
      const rows = `${number.format(step.rows)} of ${number.format(step.of)} rows`;
      return `${Math.floor(step.share * 100)} % ${step.step === 'copying' ? 'copied' : 'checked'}: ${step.table}, ${rows}`;
    }
    default:
      return step satisfies never;
  }
}
