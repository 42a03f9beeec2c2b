// Prints a line for each failed or skipped test of a vitest JSON report, with the first line of its error. Runs on the machine's own
// Node, whatever its age.
import { readFileSync } from 'node:fs';
import { relative } from 'node:path';

const report = JSON.parse(readFileSync(process.argv[2], 'utf8'));
const firstLine = (text = '') => text.split('\n', 1)[0].slice(0, 200);

for (const file of report.testResults) {
  const name = relative(process.cwd(), file.name);
  const failed = file.assertionResults.filter(({ status }) => status === 'failed');
  if (file.status === 'failed' && failed.length === 0) console.log(`${name}: ${firstLine(file.message)}`);
  for (const test of failed) console.log(`${name}: ${test.fullName}: ${firstLine(test.failureMessages[0])}`);
  if (process.argv[3] === 'no-skips')
    for (const test of file.assertionResults.filter(({ status }) => status === 'pending' || status === 'skipped'))
      console.log(`${name}: ${test.fullName}: skipped`);
}
