import xterm, { type IBufferCell, type Terminal } from '@xterm/headless';
import type { Reading, Run } from '../reading.ts';

/** Wider than any requested line, so that the terminal only breaks longer addresses. */
const columns = 400;
const rows = 60;

/** An emulated terminal that reports dangerous operations. */
export interface Screen {
  /**
   * Returns the visible content of each text after it was written into a separate terminal, which is empty but has the
   * settings from before.
   */
  read<const Texts extends readonly string[]>(...texts: Texts): Promise<{ readonly [I in keyof Texts]: Reading }>;
  close(): void;
}

/** Select Graphic Rendition with numbers that are a style of ours: 0 to 9, 22 to 29, colours. */
const styleParameters = /^(?:[0-79]|2[2-79]|3[0-79]|4[0-79]|9[0-7]|10[0-7])$/;

/** Opens as many terminals as texts are read at a time, because each waits for a timer of its own. */
export function openScreen(): Screen {
  const opened: ReturnType<typeof openTerminal>[] = [];
  return {
    async read<const Texts extends readonly string[]>(...texts: Texts) {
      while (opened.length < texts.length) opened.push(openTerminal());
      const readings = await Promise.all(texts.map((text, index) => opened[index]!.read(text)));
      return readings as unknown as { readonly [I in keyof Texts]: Reading };
    },
    close: () => {
      for (const { terminal } of opened) terminal.dispose();
    },
  };
}

function openTerminal() {
  const options = { cols: columns, rows, scrollback: 1000, allowProposedApi: true, convertEol: true };
  const terminal = new xterm.Terminal(options);
  let dangers: string[] = [];
  watch(terminal, (danger) => dangers.push(danger));

  async function read(text: string): Promise<Reading> {
    terminal.reset();
    dangers = [];
    await new Promise<void>((resolve) => terminal.write(text, resolve));
    const { active, alternate } = terminal.buffer;
    if (active.type === alternate.type) dangers.push('another screen');
    return { runs: runsOf(terminal), links: [], dangers };
  }
  return { terminal, read };
}

/** Reports every sequence that does more than choose a style. */
function watch(terminal: Terminal, report: (danger: string) => void): void {
  const { parser } = terminal;
  /** Returns false: the terminal performs it, too. */
  const told = (danger: string): false => {
    report(danger);
    return false;
  };
  for (let code = 0x40; code <= 0x7e; code++) {
    const final = String.fromCharCode(code);
    for (const prefix of ['', '?', '>', '=', '<']) {
      for (const intermediates of ['', ' ', '!', '"', '$', "'", '*']) {
        const id = { final, ...(prefix && { prefix }), ...(intermediates && { intermediates }) };
        parser.registerCsiHandler(id, (parameters) => {
          const isStyle = final === 'm' && prefix === '' && intermediates === '';
          if (isStyle && parameters.every((each) => styleParameters.test(String(each)))) return false;
          return told(`the control sequence ${prefix}${parameters.join(';')}${intermediates}${final}`);
        });
        if (prefix === '') parser.registerDcsHandler(id, () => told(`the device string ${final}`));
      }
    }
  }
  for (let code = 0x30; code <= 0x7e; code++) {
    const final = String.fromCharCode(code);
    // CSI, OSC, DCS and the other strings begin like this; ESC \ ends them.
    if ('[]P^_X\\'.includes(final)) continue;
    for (const intermediates of ['', '(', ')', '#', '%', ' ']) {
      const id = { final, ...(intermediates && { intermediates }) };
      parser.registerEscHandler(id, () => told(`the escape ${intermediates}${final}`));
    }
  }
  const commands = [0, 1, 2, 4, 5, 7, 8, 9, 10, 11, 12, 50, 52, 99, 104, 110, 111, 112, 133, 633, 777, 1337];
  for (const command of commands) parser.registerOscHandler(command, () => told(`the command ${command}`));
  terminal.onBell(() => report('a bell'));
  terminal.onTitleChange(() => report('a title'));
}

function runsOf(terminal: Terminal): Run[] {
  const { active } = terminal.buffer;
  const runs: { text: string; path: readonly string[]; isCode: boolean }[] = [];
  const add = (text: string, style: string) => {
    const last = runs.at(-1);
    if (last?.path[0] === style) last.text += text;
    else runs.push({ text, path: [style], isCode: false });
  };
  let reused: IBufferCell | undefined;
  for (let y = 0; y < active.baseY + active.cursorY; y++) {
    const line = active.getLine(y);
    if (line === undefined) continue;
    for (let x = 0; x < line.length; x++) {
      const cell = line.getCell(x, reused);
      if (cell === undefined) continue;
      reused = cell;
      if (cell.getChars() !== '') add(cell.getChars(), styleOf(cell));
    }
    if (active.getLine(y + 1)?.isWrapped !== true) add('\n', '');
  }
  return runs;
}

function styleOf(cell: IBufferCell): string {
  const styles = [
    [cell.isBold(), 'bold'],
    [cell.isDim(), 'dim'],
    [cell.isItalic(), 'italic'],
    [cell.isUnderline(), 'underline'],
    [cell.isStrikethrough(), 'strikethrough'],
    [cell.isInverse(), 'inverse'],
    [cell.isInvisible(), 'invisible'],
    [cell.isBlink(), 'blink'],
    [cell.isOverline(), 'overline'],
    [!cell.isFgDefault(), `colour ${cell.getFgColor()}`],
    [!cell.isBgDefault(), `background ${cell.getBgColor()}`],
  ] as const;
  return styles.flatMap(([is, name]) => (is ? [name] : [])).join(' ');
}
