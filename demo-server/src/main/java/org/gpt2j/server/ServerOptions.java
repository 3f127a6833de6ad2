package org.gpt2j.server;

import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Option;

/** Options of the server itself; its defaults are what tests change. */
final class ServerOptions {
  @Option(
      names = "--host",
      paramLabel = "ADDRESS",
      description =
          "Address to listen at (default: 127.0.0.1, which only this machine reaches). The server has"
              + " neither passwords nor TLS.")
  String host = "127.0.0.1";

  @Option(
      names = "--port",
      paramLabel = "N",
      description = "Port to listen at, 0 for any that is free (default: 8080).")
  int port = 8080;

  @Option(
      names = "--allow-host",
      paramLabel = "NAME",
      description =
          "At a loopback address: another name that requests may call this server by; may be given"
              + " several times.")
  List<String> allowedHosts = new ArrayList<>();

  @Option(
      names = "--max-queue",
      paramLabel = "N",
      description =
          "Texts that may wait for the model; beyond them requests get 503 (default: 2048).")
  int maxQueue = 2048;

  @Option(
      names = "--max-connections",
      paramLabel = "N",
      description =
          "Connections open at once, each of which may need a thread; beyond them new ones are closed"
              + " (default: 512).")
  int maxConnections = 512;

  @Option(
      names = "--request-timeout",
      paramLabel = "SECONDS",
      description = "Time for a request to arrive, then it gets 408 (default: 10).")
  int requestTimeout = 10;

  @Option(
      names = "--answer-timeout",
      paramLabel = "SECONDS",
      description = "Time for the model to answer a request, then it gets 503 (default: 60).")
  int answerTimeout = 60;

  @Option(
      names = "--shutdown-timeout",
      paramLabel = "SECONDS",
      description = "Time to finish what was accepted when told to end (default: 10).")
  int shutdownTimeout = 10;

  @Option(
      names = "--batch-wait",
      paramLabel = "MILLISECONDS",
      description = "Time that a text waits for others to be computed with (default: 3).")
  int batchWait = 3;

  /**
   * @throws IllegalArgumentException naming the option, if its value is impossible
   */
  void check() {
    require(port, "--port", 0, 65535);
    require(maxQueue, "--max-queue", 1, 1_000_000);
    require(maxConnections, "--max-connections", 1, 10_000);
    require(requestTimeout, "--request-timeout", 1, 3600);
    require(answerTimeout, "--answer-timeout", 1, 3600);
    require(shutdownTimeout, "--shutdown-timeout", 0, 3600);
    require(batchWait, "--batch-wait", 0, 1000);
  }

  private static void require(int value, String option, int min, int max) {
    if (value < min || value > max) {
      throw new IllegalArgumentException(
          option + ": expected " + min + " to " + max + ", found " + value);
    }
  }
}
