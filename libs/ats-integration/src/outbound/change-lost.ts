import { AtsError } from '../support/ats-error.js';

/** The change is no longer ours: superseded, cancelled, taken over, or its connection went. Nothing was written. */
export class ChangeLost extends AtsError {
  constructor() {
    super('change-lost', 'This change was taken over or taken back; nothing more is done for it here.');
  }
}
