import type { DomainEvent, EventPublisher } from '@elly/ats-integration';
import { Injectable } from '@nestjs/common';
import { EventEmitter2 } from '@nestjs/event-emitter';
import { RecentActivity } from '../activity/recent-activity.js';

/** The library's events: kept as recent activity and handed to whoever in Elly listens to `ats.<type>`. */
@Injectable()
export class ActivityEventPublisher implements EventPublisher {
  constructor(
    private readonly activity: RecentActivity,
    private readonly emitter: EventEmitter2,
  ) {}

  async publish(events: readonly DomainEvent[]): Promise<void> {
    for (const event of this.activity.add(events)) this.emitter.emit(`ats.${event.body.type}`, event);
  }
}
