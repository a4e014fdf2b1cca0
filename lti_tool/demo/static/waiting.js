// No tool yet: it registers itself while the demonstration starts, so look again.
setTimeout(() => location.reload(), 2000);
