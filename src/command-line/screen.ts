import { clearScreenDown, createInterface, cursorTo, type Interface, moveCursor } from 'node:readline';
import { Readable, Transform, type Writable } from 'node:stream';
import { StringDecoder } from 'node:string_decoder';
import { openTerminalInput, type TerminalInputOptions } from './terminal-input.ts';

/** The keyboard of a terminal. */
export interface Keyboard extends Readable {
  /** True: each key arrives at once, and the terminal neither echoes it nor makes signals of Ctrl-C and Ctrl-Z. */
  setRawMode(isRaw: boolean): unknown;
}

export interface ScreenOptions extends Pick<TerminalInputOptions, 'isInBackground' | 'onContinue' | 'clock'> {
  readonly keyboard: Keyboard;
  readonly output: Writable;
  /** Sends a signal to the whole job, as the terminal does if it is not in raw mode. */
  readonly signal: (name: 'SIGINT' | 'SIGTSTP') => void;
}

const prompt = '> ';
/** Lines that the arrow keys bring back. */
const historySize = 100;

/**
 * The terminal with a line at its bottom in which a person writes: Node's readline, whose line is taken away before something
 * is printed, and drawn again below it.
 */
export class Screen {
  readonly #options: ScreenOptions;
  /** Null before the input is read, and after its end. */
  #editor: Interface | null = null;
  /** False while another job has the terminal. */
  #isDrawn = false;

  constructor(options: ScreenOptions) {
    this.#options = options;
  }

  /** Prints whole lines above the line that is being written. `print` writes at once. */
  above<T>(print: () => T): T {
    if (this.#editor === null || !this.#isDrawn) return print();
    const rows = this.#erase(this.#editor);
    try {
      return print();
    } finally {
      this.#draw(this.#editor, rows);
    }
  }

  /** Opens the input for lines; nothing is read or drawn before the result is read. */
  openInput(): Readable {
    const { keyboard, output } = this.#options;
    const keys = openTerminalInput({
      ...this.#options,
      terminal: keyboard,
      onTurn: (place) => this.#turn(place),
    });
    const characters = oneByOne();
    const lines = new Readable({
      read: () => {
        if (this.#editor !== null || keys.destroyed) return;
        const editor = createInterface({ input: keys.pipe(characters), output, terminal: true, prompt, historySize });
        this.#editor = editor;
        editor.on('line', (line) => {
          lines.push(`${line}\n`);
          editor.prompt();
        });
        editor.on('SIGINT', () => this.#options.signal('SIGINT'));
        editor.on('SIGTSTP', () => this.#suspend());
        editor.on('close', () => {
          this.#close();
          lines.push(null);
        });
      },
      destroy: (error, done) => {
        this.#close();
        keys.destroy();
        characters.destroy();
        done(error);
      },
    });
    return lines;
  }

  #turn(place: 'foreground' | 'background'): void {
    const editor = this.#editor;
    if (editor === null) return;
    if (place === 'background') {
      // The screen belongs to another job, and setting the mode would stop this one.
      this.#isDrawn = false;
      return;
    }
    this.#options.keyboard.setRawMode(true);
    if (this.#isDrawn) return;
    this.#isDrawn = true;
    this.#draw(editor, editor.getCursorPos().rows);
  }

  /** Stops the job on Ctrl-Z. When it goes on in the foreground, the line is drawn again. */
  #suspend(): void {
    const { keyboard, signal } = this.#options;
    if (this.#editor !== null && this.#isDrawn) this.#erase(this.#editor);
    this.#isDrawn = false;
    keyboard.setRawMode(false);
    signal('SIGTSTP');
  }

  #close(): void {
    const editor = this.#editor;
    if (editor === null) return;
    this.#editor = null;
    if (this.#isDrawn) {
      this.#erase(editor);
      this.#options.keyboard.setRawMode(false);
    }
    this.#isDrawn = false;
    editor.close();
  }

  /** Takes the line away; returns the number of rows above that of the cursor. */
  #erase(editor: Interface): number {
    const { output } = this.#options;
    const { rows } = editor.getCursorPos();
    moveCursor(output, 0, -rows);
    cursorTo(output, 0);
    clearScreenDown(output);
    return rows;
  }

  /** Draws the line where the cursor is. readline first goes up by the rows of the line that it drew last, so these are made. */
  #draw(editor: Interface, rows: number): void {
    this.#options.output.write('\n'.repeat(rows));
    editor.prompt(true);
  }
}

/** Passes on each character by itself: of pasted text that is longer than a row, readline does not count the rows that it draws. */
function oneByOne(): Transform {
  const decoder = new StringDecoder('utf8');
  return new Transform({
    transform(chunk: Buffer, _, done) {
      for (const character of decoder.write(chunk)) this.push(character);
      done();
    },
  });
}
