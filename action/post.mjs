// The post step: the same bundle, told which step it is.
import './main.mjs?stage=post';
