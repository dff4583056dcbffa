import type { Provider } from '@nestjs/common';
import { EventProcessor } from './event-processor.js';
import { OutboxRelay } from './outbox-relay.js';

export const EVENT_PROVIDERS: readonly Provider[] = [OutboxRelay, EventProcessor];
