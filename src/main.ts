// First: what it keeps must be there before V8 collects garbage while it loads the rest.
import './auth.tick-shape.js';
import './service/start.js';
