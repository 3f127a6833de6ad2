/** Where pretrained models lie on this machine. */
package org.gpt2j.hub;
