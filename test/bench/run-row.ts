/** `node run-row.ts <row> quick|full`: measures one row, and prints its progress and its results in lines of JSON. */
import type { Mode } from './row.ts';
import type { RowSays } from './row-process.ts';
import { rows } from './rows.ts';

const [name = '', mode = 'full'] = process.argv.slice(2);
const say = (line: RowSays) => console.log(JSON.stringify(line));
const row = rows.find((each) => each.name === name);
if (row === undefined) throw new Error(`there is no row ${name}`);
const values = await row.measure(mode as Mode, (progress) => say({ progress }));
const missing = row.figures(mode as Mode).filter((figure) => values[figure.name] === undefined);
if (missing.length > 0) throw new Error(`${name} did not measure ${missing.map((figure) => figure.name).join(', ')}`);
say({ values });
// The libraries' sweepers would keep the process running.
process.exit(0);
