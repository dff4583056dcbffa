import { Module } from '@nestjs/common';
import type { MiddlewareConsumer, NestModule } from '@nestjs/common';
import { WebhookDeliveryController } from './webhook-delivery.controller.js';
import { WebhookDeliveryMiddleware } from './webhook-delivery.middleware.js';

/** The one public route, with what puts it before the host's guards. */
@Module({ controllers: [WebhookDeliveryController] })
export class WebhookDeliveryModule implements NestModule {
  configure(consumer: MiddlewareConsumer): void {
    consumer.apply(WebhookDeliveryMiddleware).forRoutes(WebhookDeliveryController);
  }
}
