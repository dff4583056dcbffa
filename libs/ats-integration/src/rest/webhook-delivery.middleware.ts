import type { ServerResponse } from 'node:http';
import { Injectable } from '@nestjs/common';
import type { NestMiddleware } from '@nestjs/common';
import type { DeliveryRequest } from '../webhooks/raw-body.js';
import { WebhookIntake } from '../webhooks/webhook-intake.js';

/** Answers deliveries before the host's guards are asked. */
@Injectable()
export class WebhookDeliveryMiddleware implements NestMiddleware<DeliveryRequest, ServerResponse> {
  constructor(private readonly intake: WebhookIntake) {}

  async use(request: DeliveryRequest, response: ServerResponse): Promise<void> {
    await this.intake.answer(request, response);
  }
}
