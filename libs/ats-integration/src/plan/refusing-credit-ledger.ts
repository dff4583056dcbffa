import { Injectable } from '@nestjs/common';
import type { CreditLedger, CreditRefusal } from './credit-ledger.port.js';

/** The default: no charge is possible, so that no connection is free by mistake. */
@Injectable()
export class RefusingCreditLedger implements CreditLedger {
  reserve(): Promise<CreditRefusal> {
    return Promise.resolve({
      ok: false,
      message: 'Credits are not set up in this installation: give a CreditLedger to the ATS module.',
    });
  }

  commit(): Promise<void> {
    return Promise.resolve();
  }

  release(): Promise<void> {
    return Promise.resolve();
  }
}
