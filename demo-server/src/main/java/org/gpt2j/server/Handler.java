package org.gpt2j.server;

import java.io.IOException;

/** Answers the calls of one route and method. */
@FunctionalInterface
interface Handler {
  /**
   * Answers a call.
   *
   * @throws ApiException if the answer is an error, which is then sent
   * @throws IOException if the client is gone
   */
  void handle(Call call) throws ApiException, IOException;
}
