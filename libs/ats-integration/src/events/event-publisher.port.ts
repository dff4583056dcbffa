import type { DomainEvent } from './domain-event.js';

/**
 * Delivers domain events to the host, after their transaction committed, at least once and in the order of one connection.
 * A rejected promise means "again later": the events stay in the outbox.
 */
export interface EventPublisher {
  publish(events: readonly DomainEvent[]): Promise<void>;
}
export const EventPublisher = Symbol('EventPublisher');
