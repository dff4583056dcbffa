import { Injectable } from '@nestjs/common';
import { ProviderSessions } from '../connections/provider-sessions.js';
import type { ApplicationState, Move, StageChangeCapability } from '../contract/stage-change.js';
import type { HostStage } from '../host/hiring-pipeline.port.js';
import { ProviderRegistry } from '../registry/provider-registry.js';
import { ChangeClaims } from './change-claims.js';
import { ChangeLost } from './change-lost.js';
import type { ClaimedChange } from './change-claims.js';
import type { Worked } from './change-endings.js';
import { FindTarget } from './find-target.js';
import { ParkChange } from './park-change.js';
import type { TargetAnswer } from './resolve-target.js';
import type { Standing } from './standing.js';

/** A change on its way, with everything that its steps do outside of our database. */
export interface Route {
  readonly change: ClaimedChange;
  /** The ATS's name. */
  readonly ats: string;
  readonly capability: StageChangeCapability<unknown>;
  read(): Promise<ApplicationState | null>;
  send(from: ApplicationState, move: Move, actorRemoteId: string | null): Promise<void>;
  target(standing: Standing): Promise<TargetAnswer>;
  park(stage: HostStage): Promise<Worked>;
}

/** A call to the ATS ends this part of a lease after it began: what comes later might meet another worker's. */
const OF_A_LEASE = 0.8;

/** Opens the way to the ATS for a change: each call under the change's lease, none after it. */
@Injectable()
export class ChangeRoute {
  constructor(
    private readonly sessions: ProviderSessions,
    private readonly registry: ProviderRegistry,
    private readonly claims: ChangeClaims,
    private readonly targets: FindTarget,
    private readonly parking: ParkChange,
  ) {}

  of(change: ClaimedChange, stopping: AbortSignal): Route {
    const { claims, sessions, targets, parking } = this;
    const { provider } = this.registry.get(change.connection.provider);
    const { stageChanges: capability, manifest } = provider;
    if (capability === undefined) throw new ChangeLost();
    const { remoteId, candidateRemoteId, jobRemoteId } = change.application;
    const application = { remoteId, candidateRemoteId, jobRemoteId };
    const context = () => {
      const signal = AbortSignal.any([stopping, AbortSignal.timeout(claims.leaseMs * OF_A_LEASE)]);
      return sessions.open(change.connection, signal).context;
    };
    return {
      change,
      ats: manifest.name,
      capability,
      async read() {
        await claims.hold(change);
        return capability.read(context(), application);
      },
      // The lease was taken anew with the attempt that was just written down.
      send: (from, move, actorRemoteId) => capability.send(context(), application, from, move, actorRemoteId),
      target: (standing) =>
        targets.find(change, provider, standing, async () => {
          await claims.hold(change);
          return capability.reasons(context());
        }),
      async park(stage) {
        await parking.park(change, stage, manifest.name);
        return null;
      },
    };
  }
}
