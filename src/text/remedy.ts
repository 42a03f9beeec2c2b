/** The two halves of a diagnostic: the mistake, and the correction. */
export interface Remedy {
  readonly wrong: string;
  readonly right: string;
}
