// Prints `passed failed skipped` of a vitest JSON report. Runs on the machine's own Node, whatever its age.
import { readFileSync } from 'node:fs';

const report = JSON.parse(readFileSync(process.argv[2], 'utf8'));
// A file that could not even be loaded has no failed test, but the suite that it is has failed.
const broken = report.testResults.filter(
  (file) => file.status === 'failed' && file.assertionResults.every((test) => test.status !== 'failed'),
);
const skipped = report.numPendingTests + (report.numTodoTests ?? 0);
console.log(report.numPassedTests, report.numFailedTests + broken.length, skipped);
