FROM node:24-slim AS build
WORKDIR /app
COPY package.json package-lock.json ./
RUN npm ci
COPY . .
RUN npm run build && npm prune --omit=dev && node scripts/prune-modules.mjs

FROM node:24-slim
ENV NODE_ENV=production DATA_DIR=/data PORT=3000
WORKDIR /app
COPY --from=build /app/package.json /app/LICENSE ./
COPY --from=build /app/node_modules ./node_modules
COPY --from=build /app/dist/esm ./dist/esm
COPY --from=build /app/dist/pages/account.js ./dist/pages/account.js
COPY --from=build /app/dist/pgdata.tar.gz ./dist/pgdata.tar.gz
# The code stays root's and cannot be changed from inside. With DATABASE_URL and AUTH_KEYS nothing is written at all,
# so `--read-only` will do; else /data is all that the service writes. `keyturn` is the command beside the service:
# docker exec <container> keyturn --help.
RUN mkdir /data && chown node:node /data \
  && chmod +x dist/esm/service/cli/cli.js && ln -s /app/dist/esm/service/cli/cli.js /usr/local/bin/keyturn
USER node
VOLUME /data
EXPOSE 3000
HEALTHCHECK --interval=10s --timeout=3s --start-period=20s \
  CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.PORT}/health/live`).then((answer) => process.exit(answer.ok ? 0 : 1), () => process.exit(1))"]
# node itself is the first process, not npm: it gets the SIGTERM of `docker stop` and finishes what is in flight.
# V8 lets its space for new objects grow to 32 MB while the code is loaded; 16 are enough, and as fast (docs/performance.md).
CMD ["node", "--max-semi-space-size=8", "dist/esm/main.js"]
