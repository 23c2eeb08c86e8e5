# Homeostat as a container: docker build -t homeostat .
#
# Both bases can be chosen. The first brings Node.js 24, npm and a shell; the second needs glibc and libstdc++ alone, and
# gets the program, its dependencies and the node binary. Nothing is compiled, so that it builds for amd64 and arm64.
ARG BUILD_IMAGE=node:24-bookworm-slim
ARG BASE_IMAGE=gcr.io/distroless/cc-debian12:nonroot

FROM ${BUILD_IMAGE} AS build
WORKDIR /src
COPY package.json package-lock.json ./
# Without scripts: the only ones are those of npm packages that bring a Node.js of their own.
RUN npm ci --ignore-scripts --no-audit --no-fund
COPY . .
RUN node scripts/build.ts && find dist -type f \( -name '*.map' -o -name .built \) -exec rm {} +

FROM ${BUILD_IMAGE} AS production
WORKDIR /src
COPY package.json package-lock.json ./
# Types, source maps, the sources of SQLite and what was compiled for other platforms are two thirds of what is installed.
RUN npm ci --omit=dev --ignore-scripts --no-audit --no-fund \
 && find node_modules -type f \( -name '*.map' -o -name '*.d.ts' -o -name '*.d.mts' -o -name '*.d.cts' \) -exec rm {} + \
 && find node_modules/better-sqlite3/prebuilds -type f ! -name "linux-$(node -p process.arch).node" -exec rm {} + \
 && rm -rf node_modules/better-sqlite3/deps node_modules/better-sqlite3/src node_modules/bare-*/prebuilds \
 && cp "$(command -v node)" /node && mkdir /data

FROM ${BASE_IMAGE}
LABEL org.opencontainers.image.title="Homeostat" \
      org.opencontainers.image.description="Watches hosts and services under Prometheus, explains what is wrong, puts it right within guards" \
      org.opencontainers.image.licenses="Apache-2.0"
COPY --from=production /node /usr/local/bin/node
WORKDIR /opt/homeostat
COPY LICENSE package.json ./
COPY --from=production /src/node_modules node_modules
COPY rules rules
COPY --from=build /src/dist dist
COPY --from=production --chown=65532:65532 /data /var/lib/homeostat

ENV NODE_ENV=production \
    HOMEOSTAT_DATA_DIR=/var/lib/homeostat
VOLUME /var/lib/homeostat
EXPOSE 9797
USER 65532:65532

# Plain HTTP on port 9797 of the container; where web.tls or another port is set, give a check of your own.
HEALTHCHECK --interval=15s --timeout=5s --start-period=30s --retries=3 \
  CMD ["/usr/local/bin/node", "-e", "fetch('http://127.0.0.1:9797/-/healthy').then((answer) => process.exit(answer.ok ? 0 : 1), () => process.exit(1))"]
ENTRYPOINT ["/usr/local/bin/node", "/opt/homeostat/dist/main.js"]
CMD ["run"]
