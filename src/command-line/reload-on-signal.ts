import type { Reloader } from '../reload/reloader.ts';

/** Passes each SIGHUP to the reloader; one that comes during the start is passed on as soon as there is one. */
export class ReloadOnSignal {
  #reloader: Reloader | null = null;
  #isAsked = false;

  asked(): void {
    this.#isAsked = this.#reloader === null;
    void this.#reloader?.reload('SIGHUP');
  }

  /** Lookout has started; null: its configuration does not change. */
  begin(reloader: Reloader | null): void {
    this.#reloader = reloader;
    // The configuration was read before the start.
    if (!this.#isAsked || reloader === null) return;
    this.#isAsked = false;
    void reloader.reload('SIGHUP');
  }
}
