package org.gpt2j.server;

import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * What a path answers to.
 *
 * @param path the whole path
 * @param handlers by method; GET answers HEAD as well
 */
record Route(String path, Map<String, Handler> handlers) {
  /** The handler of a method, null if there is none. */
  Handler handler(String method) {
    return handlers.get(method.equals("HEAD") ? "GET" : method);
  }

  /** Methods, as the header Allow has them. */
  String allow() {
    Set<String> methods = new TreeSet<>(handlers.keySet());
    if (methods.contains("GET")) {
      methods.add("HEAD");
    }
    return String.join(", ", methods);
  }
}
