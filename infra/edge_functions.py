"""What CloudFront does to an address before it asks the origin (CloudFront Functions)."""

PAGE_PATH = """
function handler(event) {
  var request = event.request;
  var name = request.uri.substring(request.uri.lastIndexOf('/') + 1);
  if (name.indexOf('.') < 0) {
    request.uri = '/index.html';
  }
  return request;
}
"""
"""An address without a file's ending is one of the page's own routes."""

LOGIN_PATH = """
function handler(event) {
  event.request.uri = '/';
  return event.request;
}
"""
"""Cognito answers at its root alone."""
