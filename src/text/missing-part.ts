/** A program or package that is not installed with Lookout, with what installs it. */
export class MissingPartError extends Error {}
