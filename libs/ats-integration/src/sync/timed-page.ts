import type { ProviderPage } from '../contract/page.js';

/** A page, and when it was true. */
export interface TimedPage {
  readonly page: ProviderPage;
  /** When the ATS was asked for it. */
  readonly askedAt: Date;
  /** The same moment and that when it was here, in milliseconds of this process: they never go back. */
  readonly askedTick: number;
  readonly servedTick: number;
}
