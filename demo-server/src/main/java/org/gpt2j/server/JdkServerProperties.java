package org.gpt2j.server;

/**
 * Limits of the JDK's HttpServer, which it reads once, from system properties (module
 * jdk.httpserver names them). Those that the user has set stay.
 */
final class JdkServerProperties {
  private JdkServerProperties() {}

  /** To be called before the first server of the process is made: it has them from then on. */
  static void set(ServerOptions options) {
    // Connections open at once; what comes beyond them is closed unread (JDK 17.0.5 and later).
    set("jdk.httpserver.maxConnections", options.maxConnections);
    // Connections that may stay open between two requests: all. The default of 200 would close
    // those of clients that believe them to be open.
    set("sun.net.httpserver.maxIdleConnections", options.maxConnections);
    // Seconds that a connection may stay open between two requests, or before its first.
    set("sun.net.httpserver.idleInterval", 30);
    // Seconds for a request to arrive, its head included. Bodies get 408 a little earlier (see
    // BodyReader); heads, which the JDK reads alone, are cut off by this.
    set("sun.net.httpserver.maxReqTime", options.requestTimeout + 5);
    // Seconds from a request's last byte to its answer's: ends clients that do not read.
    set("sun.net.httpserver.maxRspTime", 2 * options.answerTimeout);
    // A head of more fields, or more characters (JDK 17.0.13 and later), ends the connection.
    set("sun.net.httpserver.maxReqHeaders", 64);
    set("sun.net.httpserver.maxReqHeaderSize", 16 << 10);
    // Head and body of an answer are written one after the other: without this the second waits
    // for the client's delayed acknowledgement, 40 ms.
    set("sun.net.httpserver.nodelay", true);
  }

  private static void set(String property, Object value) {
    if (System.getProperty(property) == null) {
      System.setProperty(property, value.toString());
    }
  }
}
