/**
 * Another worker planned some of these deliveries since they were picked: a room that changed its account may have two for a moment. The
 * transaction must be undone, and the work be looked up anew.
 */
export class PlannedElsewhereError extends Error {
  constructor(planned: number, changed: number) {
    super(`${changed} of ${planned} deliveries wait still: another worker planned the others`);
  }
}

/** Throws if fewer deliveries were marked than were planned. */
export function expectAllPlanned(planned: number, changed: number): void {
  if (changed < planned) throw new PlannedElsewhereError(planned, changed);
}
