import { Injectable } from '@nestjs/common';
import type { OnModuleInit } from '@nestjs/common';
import { ModuleRef } from '@nestjs/core';
import type { DomainEvent } from './domain-event.js';
import type { EventPublisher } from './event-publisher.port.js';

interface Emitter {
  emitAsync(name: string, event: DomainEvent): Promise<unknown>;
}

/** The default: Nest's event emitter when the host has one, `@OnEvent('ats.records.changed')`. Without one, events are dropped. */
@Injectable()
export class DefaultEventPublisher implements EventPublisher, OnModuleInit {
  #emitter: Emitter | null = null;

  constructor(private readonly modules: ModuleRef) {}

  async onModuleInit(): Promise<void> {
    // An optional peer: a host without it has no emitter to look for.
    const { EventEmitter2 } = await import('@nestjs/event-emitter').catch(() => ({ EventEmitter2: null }));
    if (EventEmitter2 === null) return;
    try {
      this.#emitter = this.modules.get<Emitter>(EventEmitter2, { strict: false });
    } catch {
      this.#emitter = null;
    }
  }

  async publish(events: readonly DomainEvent[]): Promise<void> {
    if (this.#emitter === null) return;
    for (const event of events) await this.#emitter.emitAsync(`ats.${event.body.type}`, event);
  }
}
