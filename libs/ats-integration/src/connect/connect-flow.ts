import { Injectable } from '@nestjs/common';
import { ProviderRegistry } from '../registry/provider-registry.js';
import { Activation } from './activation.js';
import type { Callback } from './authorisation.js';
import type { Person } from './oauth-state.js';
import { Renewal } from './renewal.js';
import { SignIn, checkKeyForm, connectsByKey } from './sign-in.js';
import { Slots } from './slots.js';

export interface ConnectRedirect {
  readonly connectionId: string;
  /** Send the browser there; null when the API key was enough and the connection is active already. */
  readonly authorizeUrl: string | null;
}

export interface ConnectRequest {
  /** The library's callback route below the host's public address, without the provider's id. */
  readonly callbackPath: string;
  /** The form of an ATS that is connected by API key: values by the names of the manifest's fields. */
  readonly fields?: Readonly<Record<string, string>> | undefined;
}

/** Connect, from the click to the active connection: slot and credit → sign-in at the ATS → exchange → pre-flight → active. */
@Injectable()
export class ConnectFlow {
  constructor(
    private readonly registry: ProviderRegistry,
    private readonly slots: Slots,
    private readonly signIn: SignIn,
    private readonly activation: Activation,
    private readonly renewal: Renewal,
  ) {}

  /** @throws AtsError `unknown-provider`, `plan-limit-reached`, `no-credit`, `invalid-request` */
  async begin(person: Person, providerId: string, request: ConnectRequest): Promise<ConnectRedirect> {
    const configured = this.registry.get(providerId);
    const byKey = connectsByKey(configured);
    const fields = checkKeyForm(configured, request.fields);
    const { connectionId, epoch } = await this.slots.take(
      person.workspaceId,
      person.userId,
      configured.provider.manifest,
    );
    try {
      if (!byKey) {
        const signIn = { connectionId, purpose: 'connect' as const };
        return {
          connectionId,
          authorizeUrl: await this.signIn.begin(configured, person, signIn, request.callbackPath),
        };
      }
      const approval = await this.signIn.approveKey(configured, connectionId, fields);
      const active = await this.activation.activate({
        connectionId,
        workspaceId: person.workspaceId,
        epoch,
        approval,
      });
      return { connectionId: active, authorizeUrl: null };
    } catch (error) {
      await this.slots.release(connectionId, epoch);
      throw error;
    }
  }

  /**
   * Signs in again at the ATS of a connection that is there: it keeps its id, mappings, cursors and records.
   * @throws AtsError `not-found`, `suspended`, `not-connected`, `different-account`, `invalid-request`
   */
  async beginAgain(person: Person, connectionId: string, request: ConnectRequest): Promise<ConnectRedirect> {
    const connection = await this.renewal.renewable(person.workspaceId, connectionId);
    const configured = this.registry.get(connection.provider);
    const fields = checkKeyForm(configured, request.fields);
    if (!connectsByKey(configured)) {
      const signIn = { connectionId, purpose: 'reconnect' as const };
      return { connectionId, authorizeUrl: await this.signIn.begin(configured, person, signIn, request.callbackPath) };
    }
    const approval = await this.signIn.approveKey(configured, connectionId, fields);
    const { workspaceId } = person;
    await this.renewal.renew({ connectionId, workspaceId, epoch: connection.epoch, approval });
    return { connectionId, authorizeUrl: null };
  }

  /**
   * What the ATS sent the browser back with. Returns the connection, now active. When a connect fails, slot and credit
   * are free again; when signing in again fails, the connection is as it was.
   */
  async finish(person: Person, providerId: string, callback: Callback): Promise<string> {
    const configured = this.registry.get(providerId);
    const redeemed = await this.signIn.redeem(callback.state, person, providerId);
    const { connectionId, epoch } = redeemed;
    const { workspaceId } = person;
    try {
      return await this.signIn.approve(configured, redeemed, {
        callback,
        workspaceId,
        use: (approval) => {
          const approved = { connectionId, workspaceId, epoch, approval };
          return redeemed.purpose === 'reconnect' ? this.renewal.renew(approved) : this.activation.activate(approved);
        },
      });
    } catch (error) {
      if (redeemed.purpose === 'connect') await this.slots.release(connectionId, epoch);
      throw error;
    }
  }
}
