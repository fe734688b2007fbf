// Stops an HTTP server at once when the container is told to stop. Node is the
// container's first process, so without this it would ignore the signal.
module.exports = function stopOnSignal(server, cleanUp = async () => {}) {
  for (const signal of ["SIGINT", "SIGTERM"]) {
    process.once(signal, async () => {
      server.close();
      server.closeAllConnections();
      await cleanUp().catch(() => {});
      process.exit(0);
    });
  }
};
