import type { App } from '../app/start-app.ts';

/** Passes each SIGHUP to the app that works; one that comes before is passed on as soon as an app does. */
export class ReloadOnSignal {
  #app: App | null = null;
  #isAsked = false;

  asked(): void {
    this.#isAsked = this.#app === null;
    void this.#app?.reloader?.reload('SIGHUP');
  }

  /** Another app works; null: this process stands by. */
  turn(app: App | null): void {
    this.#app = app;
    // The configuration was read before the start, or long ago by one that stood by.
    if (!this.#isAsked || app === null) return;
    this.#isAsked = false;
    void app.reloader?.reload('SIGHUP');
  }
}
