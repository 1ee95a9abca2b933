/** Sends what is held of traces and metrics before the worker ends, such as when an instance is taken away. */
import { app } from '@azure/functions';
import { flushTelemetry } from '../src/platform/telemetry/flush.js';

app.hook.appTerminate(flushTelemetry);
