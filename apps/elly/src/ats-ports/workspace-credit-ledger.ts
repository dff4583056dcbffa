import type { CreditLedger, CreditRefusal } from '@elly/ats-integration';
import type { EntityManager } from '@mikro-orm/postgresql';
import { Injectable } from '@nestjs/common';
import type { Charge } from '../billing/credits.js';
import { Credits } from '../billing/credits.js';

@Injectable()
export class WorkspaceCreditLedger implements CreditLedger {
  constructor(private readonly credits: Credits) {}

  reserve(key: string, charge: Charge): Promise<{ readonly ok: true } | CreditRefusal> {
    return this.credits.reserve(key, charge);
  }

  commit(key: string, em: EntityManager): Promise<void> {
    return this.credits.commit(key, em);
  }

  release(key: string): Promise<void> {
    return this.credits.release(key);
  }
}
