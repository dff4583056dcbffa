import { Inject, Injectable, Optional } from '@nestjs/common';
import type { DomainEvent } from './domain-event.js';
import type { EventPublisher } from './event-publisher.port.js';

interface Emitter {
  emitAsync(name: string, event: DomainEvent): Promise<unknown>;
}

/** The token under which a host hands its `EventEmitter2` to the default publisher. */
export const HostEventEmitter = Symbol('HostEventEmitter');

/** Nest's event emitter when the host has one: `@OnEvent('ats.records.changed')`. Without one, events are dropped. */
@Injectable()
export class DefaultEventPublisher implements EventPublisher {
  constructor(@Optional() @Inject(HostEventEmitter) private readonly emitter: Emitter | null) {}

  async publish(events: readonly DomainEvent[]): Promise<void> {
    if (this.emitter === null || this.emitter === undefined) return;
    for (const event of events) await this.emitter.emitAsync(`ats.${event.body.type}`, event);
  }
}
