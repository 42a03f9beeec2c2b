/** A program or package that is not installed with Lookout, with what installs it. */
export class MissingPartError extends Error {}

/** Returns the error that names a package of npm which only development needs. `what` needs it. */
export function missingPackage(what: string, name: string, cause: unknown, here = import.meta.url): MissingPartError {
  // A package that was installed with -g looks for others beside itself, not in the current folder.
  const flag = here.includes('/lib/node_modules/') ? '-g' : '--no-save';
  const install = `npm install ${flag} ${name}`;
  return new MissingPartError(`${what} needs a package that is only for development: \`${install}\``, { cause });
}
