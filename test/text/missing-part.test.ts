import { expect, it } from 'vitest';
import { missingPackage } from '../../src/text/missing-part.ts';

it.each([
  ['file:///home/me/lookout/src/text/missing-part.ts', '--no-save'],
  ['file:///usr/local/lib/node_modules/lookout/dist/text/missing-part.js', '-g'],
])('names the command that installs a package where it is found: %s', (here, flag) => {
  expect(missingPackage('a picture', 'a@1.2.3', null, here).message).toBe(
    `a picture needs a package that is only for development: \`npm install ${flag} a@1.2.3\``,
  );
});
