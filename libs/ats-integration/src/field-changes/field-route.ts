import { Injectable } from '@nestjs/common';
import { ProviderSessions } from '../connections/provider-sessions.js';
import type { AtsProvider } from '../contract/ats-provider.js';
import type { CandidateState, FieldChangeCapability } from '../contract/field-change.js';
import type { CandidateRecord } from '../contract/records.js';
import { ChangeLost } from '../outbound/change-lost.js';
import { ProviderRegistry } from '../registry/provider-registry.js';
import { FieldClaims } from './field-claims.js';
import type { ClaimedEdit } from './field-claims.js';
import { labelOf } from './field-labels.js';

/** An edit on its way, with everything that its steps do outside of our database. */
export interface FieldRoute {
  readonly edit: ClaimedEdit;
  /** The ATS's name. */
  readonly ats: string;
  readonly capability: FieldChangeCapability<unknown>;
  readonly label: (record: CandidateRecord, field: string) => string;
  read(): Promise<CandidateState | null>;
  /** All that is open of the edit, as one write. */
  write(current: CandidateState): Promise<void>;
}

/** A call to the ATS ends this part of a lease after it began: what comes later might meet another worker's. */
const OF_A_LEASE = 0.8;

/** Opens the way to the ATS for an edit: each call under the edit's lease, none after it. */
@Injectable()
export class FieldRoutes {
  constructor(
    private readonly sessions: ProviderSessions,
    private readonly registry: ProviderRegistry,
    private readonly claims: FieldClaims,
  ) {}

  of(edit: ClaimedEdit, stopping: AbortSignal): FieldRoute {
    const { claims, sessions } = this;
    const provider: AtsProvider = this.registry.get(edit.connection.provider).provider;
    const { fieldChanges: capability, manifest } = provider;
    if (capability === undefined) throw new ChangeLost();
    const { remoteId } = edit.candidate;
    const context = () => {
      const signal = AbortSignal.any([stopping, AbortSignal.timeout(claims.leaseMs * OF_A_LEASE)]);
      return sessions.open(edit.connection, signal).context;
    };
    return {
      edit,
      ats: manifest.name,
      capability,
      label: (record, field) => labelOf(provider, record, field),
      async read() {
        await claims.hold(edit);
        return capability.read(context(), remoteId);
      },
      // The lease was taken anew with the attempt that was just written down.
      write: (current) => {
        const changes = Object.fromEntries(edit.fields.map(({ field, wanted }) => [field, wanted]));
        return capability.write(context(), remoteId, current, changes);
      },
    };
  }
}
