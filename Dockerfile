# One image for every process: serve (pages), worker (mails, schedules), and the commands of sayso.

FROM node:20-slim AS build
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
COPY packages/client/package.json ./packages/client/
RUN npm ci
COPY tsconfig.json tsconfig.build.json ./
COPY src ./src
COPY scripts ./scripts
RUN npm run build

FROM node:20-slim AS libraries
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
COPY packages/client/package.json ./packages/client/
RUN npm ci --omit=dev

FROM node:20-slim
WORKDIR /app
# Owned by the user of the process, so that named volumes mounted here are too.
RUN mkdir -p /var/lib/sayso /var/lib/sayso-keys && chown node:node /var/lib/sayso /var/lib/sayso-keys
COPY --from=libraries /app/node_modules ./node_modules
COPY --from=build /app/dist ./dist
COPY package.json LICENSE ./
ENV NODE_ENV=production HOST=0.0.0.0 PORT=8080 VAR_DIR=/var/lib/sayso TOKEN_KEYS_FILE=/var/lib/sayso-keys/token-keys.json
USER node
EXPOSE 8080
STOPSIGNAL SIGTERM
# /livez, not /readyz: a restart of the portal does not bring a database back.
HEALTHCHECK --interval=10s --timeout=3s --start-period=15s --retries=3 \
  CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.PORT}/livez`).then((a) => process.exit(a.ok ? 0 : 1), () => process.exit(1))"]
ENTRYPOINT ["node", "dist/cli/main.js"]
CMD ["serve"]
